"""The server's edge: the HTTP application and the Socket.IO namespaces. Validates, hands on, answers; decides nothing."""
