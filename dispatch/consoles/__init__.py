"""The operators' side: what each console is sent, in order and without loss, and what operators command."""
