package correlate

import (
	"net/netip"
	"testing"

	"why401/detectors"
	"why401/parsers"
)

// TestBegunIsBounded begins more requests than are remembered: the oldest are
// forgotten, and what ends them is told as it stands.
func TestBegunIsBounded(t *testing.T) {
	var b begun
	part := func(id uint64, p parsers.Part) *detectors.Attempt {
		return &detectors.Attempt{Request: id, Part: p, User: "kim"}
	}
	const n = 3 * maxBegun
	for id := uint64(1); id <= n; id++ {
		if b.assemble(part(id, parsers.Begins)) {
			t.Fatal("a beginning was told")
		}
	}
	if len(b.open) != maxBegun || len(b.order) != maxBegun {
		t.Errorf("%d requests in %d places, want %d", len(b.open), len(b.order), maxBegun)
	}
	if b.cut != n-maxBegun {
		t.Errorf("%d requests counted as forgotten, want %d", b.cut, n-maxBegun)
	}
	for _, c := range []struct {
		id   uint64
		user string
	}{{1, ""}, {n - maxBegun, ""}, {n - maxBegun + 1, "kim"}, {n, "kim"}} {
		a := part(c.id, parsers.Ends)
		a.User = ""
		if !b.assemble(a) || a.User != c.user {
			t.Errorf("request %d ended with the name %q, want %q", c.id, a.User, c.user)
		}
	}
}

// Of a connection of LDAP each bind is told with the client of its first line and the
// name before it, and as a try of its own.
func TestAConnectionGoesOn(t *testing.T) {
	var b begun
	tell := func(p parsers.Part, user string, fail *detectors.Failure) (*detectors.Attempt, bool) {
		a := &detectors.Attempt{Thread: 7, Part: p, User: user, Fail: fail}
		if p == parsers.Begins {
			a.Client = netip.MustParseAddr("192.0.2.1")
		}
		return a, b.assemble(a)
	}
	tell(parsers.Begins, "", nil)
	for _, user := range []string{"kim", "ole", "kim"} {
		tell(parsers.GoesOn, user, nil)
		a, told := tell(parsers.GoesOn, "", &detectors.Failure{})
		if !told || a.User != user || !a.Client.IsValid() || a.Request != 0 {
			t.Errorf("a refused bind: told %t, %+v", told, a)
		}
		tell(parsers.GoesOn, user, nil)
		if a, told := tell(parsers.Ends, "", nil); !told || a.User != user || !a.Client.IsValid() {
			t.Errorf("a bind that worked: told %t, %+v", told, a)
		}
	}
}
