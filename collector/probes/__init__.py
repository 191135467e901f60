"""What sees: each probe tells the agent's recorder, which decides. A probe never stores or sends anything."""
