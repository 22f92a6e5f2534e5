"""The tag codec: vectors, bits, tears, room, and the same in JavaScript."""
