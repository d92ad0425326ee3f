package report

import (
	"testing"

	"why401/detectors"
)

// A network is named alone only where all addresses are in it.
func TestOrigin(t *testing.T) {
	net := []string{"2001:db8:5:7::/64"}
	for _, c := range []struct {
		ips, nets []string
		want      string
	}{
		{[]string{"2001:db8:5:7::1", "2001:db8:5:7::2"}, net, "2001:db8:5:7::/64"},
		{[]string{"192.0.2.7", "2001:db8:5:7::1", "203.0.113.9"}, net, "2001:db8:5:7::/64 and 2 addresses"},
		{[]string{"192.0.2.7", "2001:db8:5:7::1"}, net, "2001:db8:5:7::/64 and 1 address"},
		{[]string{"192.0.2.7"}, nil, "192.0.2.7"},
		{[]string{"192.0.2.7", "203.0.113.9"}, nil, "2 addresses"},
		{nil, nil, "unknown addresses"},
	} {
		if got := origin(&detectors.SpikeFinding{SourceIPs: c.ips, SourceNetworks: c.nets}); got != c.want {
			t.Errorf("%v in %v: %q, want %q", c.ips, c.nets, got, c.want)
		}
	}
}
