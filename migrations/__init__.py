"""Alembic: two histories, station (SQLite) and hub (PostgreSQL), behind one alembic.ini."""
