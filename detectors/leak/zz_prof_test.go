package leak

import (
	"bytes"
	"fmt"
	"os"
	"runtime/pprof"
	"syscall"
	"testing"
	"why401/parsers"
)

func TestZZ(t *testing.T) {
	name := os.Getenv("ZZ")
	if name == "" {
		t.Skip()
	}
	data, _ := os.ReadFile(name)
	data = data[:min(len(data), 8000000)]
	f, _ := os.Create("/tmp/L1/zz.prof")
	pprof.StartCPUProfile(f)
	var a, b syscall.Rusage
	syscall.Getrusage(0, &a)
	s := NewScanner()
	n := 0
	for from := 0; from < len(data); {
		end := min(from+262144, len(data))
		if k := bytes.LastIndexByte(data[from:end], '\n'); k >= 0 && end < len(data) {
			end = from + k + 1
		}
		n += len(s.Scan(&parsers.Block{Data: data[from:end]}))
		from = end
	}
	syscall.Getrusage(0, &b)
	pprof.StopCPUProfile()
	f.Close()
	us := (b.Utime.Sec-a.Utime.Sec)*1e6 + b.Utime.Usec - a.Utime.Usec
	fmt.Printf("%s %d spans %.1f MB/s\n", name, n, float64(len(data))/float64(us))
}
