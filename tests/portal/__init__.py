"""Tests of the portal: who gets in, what each role sees, how a declared module behaves."""
