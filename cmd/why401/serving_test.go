//go:build unix

package main

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Metrics tell what a run reads, and /healthz which source it can't.
func TestMetricsOfARun(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "app.log")
	appendTo(t, log, request("/a", 401))
	l := startLive(t, dir, "tail", "--from-start", "--metrics", "127.0.0.1:0", log, filepath.Join(dir, "later.log"))
	said := l.wait(l.err, "serving metrics on ")
	_, url, _ := strings.Cut(said, " on ")
	until := func(path string, status int, want string) {
		t.Helper()
		end := time.Now().Add(20 * time.Second)
		for {
			resp, err := http.Get(strings.TrimSuffix(url, "/metrics") + path)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err == nil && resp.StatusCode == status && strings.Contains(string(body), want) {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("waited in vain for %d %q; got %d %s", status, want, resp.StatusCode, body)
			}
		}
	}
	until("/metrics", 200, "\nwhy401_records_total 1\n")
	until("/healthz", 503, "later.log is not there")
	appendTo(t, filepath.Join(dir, "later.log"), request("/b", 200))
	until("/metrics", 200, "\nwhy401_records_total 2\n")
	until("/healthz", 200, "every source is read")
	until("/metrics", 200, `why401_source_unread_bytes{source="`+log+`"} 0`)
	l.end(syscall.SIGTERM)
}
