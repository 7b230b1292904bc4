"""The history of the hub: tables, functions and grants, as SQL scripts that revisions run."""
