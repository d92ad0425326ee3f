package correlate

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// An id that a client chooses, and sends with all it asks for, makes no two requests
// one: lines of one log that tell of different clients or users, or of refusals
// seconds apart, stay apart. So nobody hides an attack behind an id.
func TestConstantIDsHideNothing(t *testing.T) {
	for name, vary := range map[string]func(i int, a *detectors.Attempt){
		"clients": func(i int, a *detectors.Attempt) { a.Client = netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}) },
		"users":   func(i int, a *detectors.Attempt) { a.User = fmt.Sprintf("user%03d", i) },
		"times":   func(i int, a *detectors.Attempt) { a.Time += int64(i) * int64(3*time.Second) },
	} {
		for _, status := range []uint16{0, 401} {
			tr := New(Config{}, nil)
			var found int
			report := func(f detectors.Finding) {
				if _, ok := f.(*detectors.CauseFinding); ok {
					found++
				}
			}
			const n = 40
			for i := range n {
				a := detectors.Attempt{
					Time: 1_900_000_000_000_000_000 + int64(i)*int64(10*time.Millisecond), Place: detectors.Place{Line: int64(i + 1)},
					Layer: parsers.App, Client: netip.MustParseAddr("203.0.113.200"), User: "ada", Request: 7, Status: status,
					Fail: &detectors.Failure{Verdict: rules.Verdict{Cause: rules.BadCredentials, Confidence: 0.9, Tier: rules.TierWord}},
				}
				vary(i, &a)
				tr.Observe(&a, report)
			}
			tr.Flush(report)
			if found != n {
				t.Errorf("%s, status %d: %d findings of %d refusals", name, status, found, n)
			}
		}
	}
}
