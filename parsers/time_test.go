package parsers

import (
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata" // where the system has none
)

func clockAt(t *testing.T, mod, zone string) *Clock {
	t.Helper()
	at, err := time.Parse(time.RFC3339, mod)
	if err != nil {
		t.Fatal(err)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	c := new(Clock)
	c.init(loc, at)
	return c
}

func TestStamps(t *testing.T) {
	const none = Assumed(0)
	for _, test := range []struct {
		text, rest, want string
		assumed          Assumed
	}{
		{"22/Nov/2026:00:12:31 +0100]", "]", "2026-11-21T23:12:31Z", none},
		{"22/Nov/2026:00:12:31.655] x", "] x", "2026-11-22T00:12:31.655Z", AssumedZone},
		{"2026-11-22T00:12:31.589123456Z ", " ", "2026-11-22T00:12:31.589123456Z", none},
		{"2026-11-22 00:12:31,589 -05:00 x", " x", "2026-11-22T05:12:31.589Z", none},
		{"2026-11-22 00:12:31 -05 is a text", " -05 is a text", "2026-11-22T00:12:31Z", AssumedZone},
		{"2026-11-22 00:12:31 UTC [7]", " [7]", "2026-11-22T00:12:31Z", none},
		{"2026/11/22 - 00:12:31 |", " |", "2026-11-22T00:12:31Z", AssumedZone},
		{"20261122T001231Z,", ",", "2026-11-22T00:12:31Z", none},
		{"Sun Nov 22 00:12:31.482910 2026]", "]", "2026-11-22T00:12:31.48291Z", AssumedZone},
		{"Sun Nov  1 00:12:31 CET 2026", "Sun Nov  1 00:12:31 CET 2026", "", none},
		{"Nov  2 22:57:38 host", " host", "2026-11-02T22:57:38Z", AssumedZone | AssumedYear},
		{"Dec 31 23:59:59 host", " host", "2025-12-31T23:59:59Z", AssumedZone | AssumedYear},
		{"Feb 29 10:00:00 host", " host", "2024-02-29T10:00:00Z", AssumedZone | AssumedYear},
		{"Nov 22 2026 00:12:31 host", " host", "2026-11-22T00:12:31Z", AssumedZone},
		{"22-Nov-2026 00:12:31.589 INFO", " INFO", "2026-11-22T00:12:31.589Z", AssumedZone},
		{"Mar 14, 2026 9:26:53 PM x", " x", "2026-03-14T21:26:53Z", AssumedZone},
		{"Mar 14, 2026 12:26:53 AM x", " x", "2026-03-14T00:26:53Z", AssumedZone},
		{"08/02/2026, 7:32:47 PM  x", "  x", "2026-08-02T19:32:47Z", AssumedZone | AssumedDate},
		{"14.03.2026 19:32:47 x", " x", "2026-03-14T19:32:47Z", AssumedZone},
		{"Sat, 14 Mar 2026 09:26:53 GMT.", ".", "2026-03-14T09:26:53Z", none},
		{"11:59:59.5 x", " x", "2026-11-22T11:59:59.5Z", AssumedZone | AssumedYear | AssumedDate},
		{"12:30:00.5 x", " x", "2026-11-21T12:30:00.5Z", AssumedZone | AssumedYear | AssumedDate},
		{"1795306351", "", "2026-11-22T00:12:31Z", none},
		{"1795306351.589", "", "2026-11-22T00:12:31.589Z", none},
		{"1795306351589", "", "2026-11-22T00:12:31.589Z", none},
		{"1795306351589123", "", "2026-11-22T00:12:31.589123Z", none},
		{"1795306351589123456", "", "2026-11-22T00:12:31.589123456Z", none},
		{"1.795306351589e+09", "", "2026-11-22T00:12:31.589Z", none},
		{"2026-02-30T00:00:00Z", "2026-02-30T00:00:00Z", "", none},
		{"2026-13-01 00:00:00", "2026-13-01 00:00:00", "", none},
		{"192.0.2.1 - - x y z", "192.0.2.1 - - x y z", "", none},
		{"12345678", "12345678", "", none},
	} {
		c := clockAt(t, "2026-11-22T12:00:00Z", "UTC")
		stamp, n := c.Any([]byte(test.text), true)
		got := ""
		if n > 0 {
			got = time.Unix(0, stamp.Time).UTC().Format(time.RFC3339Nano)
		}
		if got != test.want || test.text[n:] != test.rest || stamp.Assumed != test.assumed {
			t.Errorf("%q: %s, assumed %b, rest %q; want %s, %b, %q", test.text, got, stamp.Assumed, test.text[n:], test.want, test.assumed, test.rest)
		}
	}
}

// TestZone reads stamps without zone in a place with summer time.
func TestZone(t *testing.T) {
	c := clockAt(t, "2026-11-22T12:00:00Z", "Europe/Berlin")
	for text, want := range map[string]string{
		"2026-01-15 12:00:00":  "2026-01-15T11:00:00Z",
		"2026-07-15 12:00:00":  "2026-07-15T10:00:00Z",
		"2026-03-29 01:59:59":  "2026-03-29T00:59:59Z",
		"2026-03-29 03:00:00":  "2026-03-29T01:00:00Z",
		"2026-07-15 12:00:00Z": "2026-07-15T12:00:00Z",
		"Nov 22 12:30:00":      "2026-11-22T11:30:00Z",
	} {
		stamp, _ := c.Any([]byte(text), true)
		if got := time.Unix(0, stamp.Time).UTC().Format(time.RFC3339); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestTimeAgrees compares with package time: what it writes is read alike.
func TestTimeAgrees(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	c := clockAt(t, "2099-01-01T00:00:00Z", "UTC")
	for range 2000 {
		at := time.Unix(rng.Int64N(4e9), rng.Int64N(1e9)).In(time.FixedZone("", rng.IntN(48)*1800-12*3600))
		for _, layout := range []string{time.RFC3339Nano, "02/Jan/2006:15:04:05 -0700", "2006-01-02 15:04:05.000000 -0700", time.RFC1123Z, "02-Jan-2006 15:04:05.000 -07:00"} {
			text := at.Format(layout)
			want, err := time.Parse(layout, text)
			if err != nil {
				t.Fatal(err)
			}
			stamp, n := c.Any([]byte(text), false)
			if n != len(text) || stamp.Time != want.UnixNano() || stamp.Assumed != 0 {
				t.Fatalf("%q: %s, %d of %d bytes", text, time.Unix(0, stamp.Time).UTC(), n, len(text))
			}
		}
	}
}

func FuzzTime(f *testing.F) {
	f.Add([]byte("Mar 14, 2026 9:26:53 AM"))
	f.Add([]byte("08/02/2026, 7:32:47 PM"))
	c := new(Clock)
	c.init(nil, time.Unix(1795306351, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, number := range []bool{false, true} {
			if stamp, n := c.Any(b, number); n < 0 || n > len(b) || n == 0 && stamp != (Stamp{}) {
				t.Errorf("%q: %v, %d", b, stamp, n)
			}
		}
		for _, read := range []func([]byte) (Stamp, int){c.CLF, c.ISO, c.Compact, c.Ctime, c.Syslog, c.Klog, c.DayMonthYear, c.MonthDayYear, c.Slashes, c.RFC1123, c.TimeOfDay, c.Epoch, c.Exponent} {
			if _, n := read(b); n < 0 || n > len(b) {
				t.Errorf("%q: %d", b, n)
			}
		}
	})
}
