//go:build unix

package main

import (
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestNoSecretLeavesALiveRun is TestNoSecretLeaves for what only a live run writes:
// alerts in every form, those that wait on disk, the state, the page, the metrics,
// and what it says of sources and targets that fail.
func TestNoSecretLeavesALiveRun(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "app.log")
	type request struct{ path, body string }
	came := make(chan request, 10_000)
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/refused" {
			w.WriteHeader(http.StatusInternalServerError) // the alert stays in its queue
		}
		came <- request{r.URL.Path, string(body)}
	}))
	defer target.Close()
	syslog, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer syslog.Close()
	t.Setenv("WHY401_PAGERDUTY_KEY", "made-up-routing-key")
	t.Setenv("WHY401_KEY", synthetic["PASS"]+synthetic["APIKEY"])
	args := []string{"tail", "--from-start", "--state", "state", "--alert-on", "low", "--alert-rate", "6000", "--alerts", "alerts.jsonl", "--format", "jsonl",
		"--syslog", "udp://" + syslog.LocalAddr().String(), "--alertmanager", target.URL, "--metrics", "127.0.0.1:0", "--http", "127.0.0.1:0",
		"-o", "live.html", "-o", "live.sarif", "-o", "live.prom", "--banlist", "bans.nft", "--webhook", target.URL + "/refused"}
	forms := []string{"/json", "/slack", "/teams", "/pagerduty", "/api/v2/alerts", "/refused"}
	for _, form := range forms[1:4] {
		args = append(args, "--webhook", form[1:]+"="+target.URL+form)
	}
	appendTo(t, log, planted(strings.Join(shapes, "\n")+"\n"))
	l := startLive(t, dir, append(args, "--webhook", target.URL+"/json", "app.log")...)
	_, metrics, _ := strings.Cut(l.wait(l.err, "serving metrics on "), " on ")
	_, page, _ := strings.Cut(l.wait(l.err, "serving the page on "), " on ")
	leaks := 0
	for leaks < len(shapes) {
		line := l.wait(l.out)
		search(t, "tail", []byte(line))
		if strings.Contains(line, `"type":"leak"`) {
			leaks++
		}
	}
	for missing := strings.Join(forms, " "); strings.TrimSpace(missing) != ""; {
		r := <-came
		search(t, r.path, []byte(r.body))
		missing = strings.Replace(missing, r.path, "", 1)
	}
	buf := make([]byte, 64<<10)
	n, _, err := syslog.ReadFrom(buf)
	if err != nil {
		t.Fatal(err)
	}
	search(t, "syslog", buf[:n])
	for _, url := range []string{page, metrics, strings.TrimSuffix(metrics, "/metrics") + "/healthz"} {
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || len(body) == 0 {
			t.Fatalf("%s: %d bytes, %v", url, len(body), err)
		}
		search(t, url, body)
	}
	for _, line := range l.end(syscall.SIGTERM) {
		search(t, "the end", []byte(line))
	}
	target.Close() // nothing comes any more
	close(came)
	for r := range came {
		search(t, r.path, []byte(r.body))
	}
	files := 0
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name == log {
			return err
		}
		out, err := os.ReadFile(name)
		search(t, strings.TrimPrefix(name, dir), out)
		files++
		return err
	})
	if err != nil || files < 6 {
		t.Errorf("%d files were written, %v", files, err)
	}
}
