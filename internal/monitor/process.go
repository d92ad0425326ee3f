package monitor

import (
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"

	"why401/internal/report"
)

// process writes what this process uses, by the names that Prometheus' own
// libraries give them.
func process(x report.Exposition) {
	if cpu, ok := cpuSeconds(); ok {
		x.Single("process_cpu_seconds_total", "counter", "CPU time used.", cpu)
	}
	if n, ok := residentBytes(); ok {
		x.Single("process_resident_memory_bytes", "gauge", "Memory in use, as the system counts it.", n)
	}
	if entries, err := os.ReadDir("/proc/self/fd"); err == nil {
		x.Single("process_open_fds", "gauge", "Open files.", float64(len(entries)))
	}
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	x.Single("go_memstats_heap_alloc_bytes", "gauge", "Memory in use by objects.", float64(heap[0].Value.Uint64()))
	x.Single("go_goroutines", "gauge", "Goroutines.", float64(runtime.NumGoroutine()))
}

// residentBytes reads /proc/self/statm, whose second field is in pages.
func residentBytes() (float64, bool) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseFloat(fields[1], 64)
	return pages * float64(os.Getpagesize()), err == nil
}
