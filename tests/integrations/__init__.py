"""What other machines get: answers, receipts and errors, over real PostgreSQL and Redis."""
