"""Values, tables and fiches that the register's page and its open data share."""
