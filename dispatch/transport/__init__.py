"""The server's edge: HTTP and the Socket.IO namespaces. Validates, hands on, answers; decides nothing."""
