package parsers

import (
	"os"
	"testing"
)

func BenchmarkFile(b *testing.B) {
	name := os.Getenv("FILE")
	if name == "" {
		b.Skip()
	}
	data, _ := os.ReadFile(name)
	rd := NewReader(Options{})
	n, un := 0, 0
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		n, un = 0, 0
		rd.Each(sampleBlock(data), func(r *Record) {
			n++
			if r.Format == nil {
				un++
			}
		})
	}
	b.ReportMetric(float64(n), "records")
	b.ReportMetric(float64(un), "unread")
}
