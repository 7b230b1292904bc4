-- Who may do what: stations may connect and call the five functions, and nothing else that can be withheld.

REVOKE ALL ON SCHEMA hub, api_1 FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA hub FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA hub, api_1 FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
GRANT USAGE ON SCHEMA api_1 TO gatehouse_station;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA api_1 TO gatehouse_station;
