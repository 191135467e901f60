"""What agent and server must agree on byte for byte. Imports only stdlib, cryptography, protobuf."""
