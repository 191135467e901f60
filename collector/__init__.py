"""The reference agent on an employee's machine. Imports only wire, the standard library and its own requirements."""
