"""Documents and client types made from the wire contract: AsyncAPI 3, OpenAPI 3.1, TypeScript."""
