package parsers

import (
	"fmt"
	"net/netip"
	"testing"
)

func TestTrusted(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8:f::/48"), netip.MustParsePrefix("203.0.113.80/32")}
	for _, c := range []struct{ peer, header, want string }{
		{"198.51.100.7", "192.0.2.1", "192.0.2.1"},
		{"198.51.100.7", "192.0.2.1, 198.51.100.8", "192.0.2.1"},
		{"198.51.100.7", "192.0.2.66, 192.0.2.1, 198.51.100.8", "192.0.2.1"}, // the first one is made up
		{"198.51.100.7", "192.0.2.1,203.0.113.80,198.51.100.8", "192.0.2.1"},
		{"198.51.100.7", "198.51.100.9, 198.51.100.8", "198.51.100.9"}, // all are ours
		{"198.51.100.7", "192.0.2.1:4711", "192.0.2.1"},
		{"198.51.100.7", "2001:db8::1", "2001:db8::1"},
		{"2001:db8:f::9", "[2001:db8::1]:4711", "2001:db8::1"},
		{"198.51.100.7", "for=192.0.2.1;proto=https;by=198.51.100.7", "192.0.2.1"},
		{"198.51.100.7", "for=192.0.2.1, for=198.51.100.8", "192.0.2.1"},
		{"198.51.100.7", `For=\"[2001:db8::1]:4711\"`, "2001:db8::1"},
		{"192.0.2.9", "192.0.2.1", "192.0.2.9"}, // anybody may send the header
		{"198.51.100.7", "", "198.51.100.7"},
		{"198.51.100.7", "-", "198.51.100.7"},
		{"198.51.100.7", "unknown", "198.51.100.7"},
		{"198.51.100.7", "192.0.2.1, unknown", "198.51.100.7"},
		{"198.51.100.7", "192.0.2.1, unknown, 198.51.100.8", "198.51.100.8"},
		{"198.51.100.7", ",,,", "198.51.100.7"},
		{"198.51.100.7", "192.0.2.1,", "198.51.100.7"},
	} {
		for layout, line := range map[string]string{
			"json":    fmt.Sprintf(`{"remote_addr":"%s","status":401,"http_x_forwarded_for":"%s"}`, c.peer, c.header),
			"headers": fmt.Sprintf(`{"remote_addr":"%s","status":401,"request":{"headers":{"X-Forwarded-For":["%s"]}}}`, c.peer, c.header),
			"logfmt":  fmt.Sprintf(`level=info remote_addr=%s status=401 x_forwarded_for="%s"`, c.peer, c.header),
		} {
			rd := NewReader(Options{Trusted: trusted})
			rd.Each(sampleBlock([]byte(line)), func(r *Record) {
				if string(r.Client) != c.want {
					t.Errorf("%s: peer %s, %q: client %s, want %s", layout, c.peer, c.header, r.Client, c.want)
				}
			})
			NewReader(Options{}).Each(sampleBlock([]byte(line)), func(r *Record) {
				if string(r.Client) != c.peer {
					t.Errorf("%s: peer %s, %q, nothing trusted: client %s", layout, c.peer, c.header, r.Client)
				}
			})
		}
	}
	for line, want := range map[string]string{
		`198.51.100.7 - - [22/Nov/2026:00:12:31 +0000] "GET /a HTTP/1.1" 401 9 "-" "curl/8.5.0" "192.0.2.1, 198.51.100.8"`:   "192.0.2.1",
		`198.51.100.7 - - [22/Nov/2026:00:12:31 +0000] "GET /a HTTP/1.1" 401 9 "-" "curl/8.5.0" "-"`:                         "198.51.100.7",
		`198.51.100.7 - - [22/Nov/2026:00:12:31 +0000] "GET /a HTTP/1.1" 401 9 "-" "x \"192.0.2.1\" y"`:                      "198.51.100.7",
		`198.51.100.7 - - [22/Nov/2026:00:12:31 +0000] "GET /a HTTP/1.1" 401 9 "-" "curl/8.5.0" x_forwarded_for="192.0.2.1"`: "192.0.2.1",
	} {
		NewReader(Options{Trusted: trusted}).Each(sampleBlock([]byte(line)), func(r *Record) {
			if string(r.Client) != want {
				t.Errorf("%s: client %s, want %s", line, r.Client, want)
			}
		})
	}
}
