"""The contract for other programs: AsyncAPI document, schemas for a registry, examples."""
