"""The first start on a machine: demo data, a new venue, or joining one."""
