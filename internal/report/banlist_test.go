package report

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"why401/detectors"
)

func TestBanlist(t *testing.T) {
	now := time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)
	var file string
	writes := 0
	b := &Banlist{TTL: time.Hour, Now: func() time.Time { return now }, Layout: BanLines,
		Write: func(p []byte) error { file = string(p); writes++; return nil }}
	defer b.End(nil)
	spike := func(age time.Duration, nets ...string) {
		f := &detectors.SpikeFinding{End: now.Add(-age)}
		for _, n := range nets {
			f.Bans = append(f.Bans, netip.MustParsePrefix(n))
		}
		if err := b.Finding(f); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want string) {
		t.Helper()
		if err := b.Flush(); err != nil || file != want {
			t.Fatalf("got %q, %v, want %q", file, err, want)
		}
	}
	expect("") // a list of nobody is written too
	spike(10*time.Minute, "203.0.113.9/32", "198.51.100.0/24", "198.51.100.7/32", "2001:db8::/48")
	spike(2*time.Hour, "203.0.113.10/32") // is over
	spike(-time.Hour, "203.0.113.11/32")  // a stamp of the future
	expect("198.51.100.0/24\n203.0.113.9\n203.0.113.11\n2001:db8::/48\n")
	if expect("198.51.100.0/24\n203.0.113.9\n203.0.113.11\n2001:db8::/48\n"); writes != 2 {
		t.Errorf("written %d times, want 2", writes)
	}
	now = now.Add(55 * time.Minute)
	spike(0, "192.0.2.1/32")
	expect("192.0.2.1\n203.0.113.11\n")
	got := string(BanSet([]Ban{{netip.MustParsePrefix("192.0.2.1/32"), now.Add(90 * time.Second)}, {netip.MustParsePrefix("2001:db8::/48"), now}}, now))
	want := `add table inet why401
add set inet why401 banned4 { type ipv4_addr; flags interval, timeout; }
flush set inet why401 banned4
add element inet why401 banned4 { 192.0.2.1 timeout 90s }
add set inet why401 banned6 { type ipv6_addr; flags interval, timeout; }
flush set inet why401 banned6
add element inet why401 banned6 { 2001:db8::/48 timeout 1s }
`
	if got != want {
		t.Errorf("got %s", got)
	}
	b.Write = func([]byte) error { return errors.New("full") }
	spike(0, "192.0.2.2/32")
	if b.Flush() == nil {
		t.Error("a list that wasn't written is no error")
	}
}

// An empty list says why, if there was anybody to shut out.
func TestEmptyBanlistSaysWhy(t *testing.T) {
	now := time.Date(2031, 5, 6, 12, 0, 0, 0, time.UTC)
	for want, f := range map[string]*detectors.SpikeFinding{
		"":                           {Kind: "broken_client", End: now},
		"nobody is to be shut out: ": {Kind: "brute_force", End: now},
		"nobody is to be shut out any more: 1 bans": {Kind: "brute_force", End: now.Add(-2 * time.Hour), Bans: []netip.Prefix{netip.MustParsePrefix("203.0.113.9/32")}},
	} {
		said := ""
		b := &Banlist{TTL: time.Hour, Now: func() time.Time { return now }, Layout: BanLines, Write: func([]byte) error { return nil }, Say: func(s string) { said += s }}
		b.Finding(f)
		if err := b.End(nil); err != nil || !strings.HasPrefix(said, want) || want == "" && said != "" {
			t.Errorf("%s: said %q, %v, want %q", f.Kind, said, err, want)
		}
	}
}
