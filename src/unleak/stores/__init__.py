"""The places where a long-lived key can live, one store a module, all behind `interface.Store`."""
