"""How far the pipeline is behind, seen from Kafka alone: beside the workers, so that one that hangs shows."""
