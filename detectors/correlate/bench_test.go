package correlate

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"why401/detectors"
	"why401/rules"
)

// BenchmarkSuccess is an access log of requests that are let in: 60 a second of
// 5,000 clients on 50 paths, seen by one hop or by two.
func BenchmarkSuccess(b *testing.B) {
	files := []string{"app.log", "edge.log"}
	for _, hops := range []int{1, 2} {
		for _, ids := range []bool{false, true} {
			b.Run(map[int]string{1: "edge", 2: "edge+app"}[hops]+map[bool]string{true: "/ids", false: ""}[ids], func(b *testing.B) {
				t := New(Config{Files: func() []string { return files[:hops] }}, nil)
				report := func(detectors.Finding) { b.Fatal("a finding") }
				a := detectors.Attempt{Status: 200, Success: true, Method: detectors.MethodGet, Replica: 7}
				b.ReportAllocs()
				for i := range b.N {
					n := uint64(i / hops)
					var ip [4]byte
					binary.BigEndian.PutUint32(ip[:], 0xc6336400+uint32(n*7919%5000))
					a.Time = int64(1e18) + int64(n)*16e6 + int64(i%hops)*1e6
					a.Client = netip.AddrFrom4(ip)
					a.Path = n*31%50*2 + 101
					a.Source, a.Line = int32(i%hops), int64(n)
					if ids {
						a.Request = n<<1 | 1
					}
					t.Observe(&a, report)
				}
			})
		}
	}
}

// BenchmarkFailure is a log of nothing but refused API requests without a reason.
func BenchmarkFailure(b *testing.B) {
	t := New(Config{}, nil)
	report := func(detectors.Finding) {}
	a := detectors.Attempt{Status: 401, Method: detectors.MethodGet, Fail: &detectors.Failure{Verdict: says(rules.InvalidToken)}}
	b.ReportAllocs()
	for i := range b.N {
		n := uint64(i)
		var ip [4]byte
		binary.BigEndian.PutUint32(ip[:], 0xc6336400+uint32(n*7919%5000))
		a.Time = int64(1e18) + int64(n)*16e6
		a.Client = netip.AddrFrom4(ip)
		a.Path = n*31%50*2 + 101
		a.Replica = n%4 + 1
		a.Line = int64(n)
		t.Observe(&a, report)
	}
}
