"""Who works here and where, as the company's directory says by SCIM 2.0 (RFC 7643, RFC 7644)."""
