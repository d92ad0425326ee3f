// Package spike sees password attacks (MITRE ATT&CK T1110) and what only looks like them.
package spike

import (
	"net/netip"

	"why401/detectors"
)

// Config sets the tracker's bounds.
type Config struct {
	Memory int64          // bytes, at most; 0 means 64 MiB
	Allow  []netip.Prefix // never alarm
	Phases bool           // report opened and grown, not only closed
}

// New returns the tracker of campaigns. It reports *detectors.SpikeFinding.
func New(cfg Config) detectors.Tracker { return nil }
