"""The devices' door: enrolment, OpAMP, leases, directives and the upload of sealed segments. Knows no Flask."""
