//go:build realserver

package main

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The live page shows in a real browser what is found while it is open, without
// being loaded again, and the console stays empty.
func TestLivePage(t *testing.T) {
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Fatal("this test needs Chromium: install Debian's package chromium")
	}
	dir := t.TempDir()
	browser, log := filepath.Join(dir, "browser"), filepath.Join(dir, "app.log")
	build(t, "../../testdata/realserver/browser", browser)
	appendTo(t, log, request("/first", 401))
	l := startLive(t, dir, "tail", "--from-start", "--http", "127.0.0.1:0", log)
	_, url, _ := strings.Cut(l.wait(l.err, "serving the page on "), " on ")
	cmd := exec.Command(browser, "-live", url, "bad_credentials", "expired_token")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	says := bufio.NewScanner(out)
	for _, step := range []struct{ want, line string }{
		{"open", `{"time":"2026-05-11T09:00:01Z","level":"warn","msg":"login failed: wrong password","user":"ada","status":401,"path":"/login","remote_ip":"192.0.2.8"}` + "\n"},
		{"bad_credentials", `{"time":"2026-05-11T09:00:02Z","level":"warn","msg":"token is expired","status":401,"path":"/a","remote_ip":"192.0.2.9"}` + "\n"},
		{"expired_token", ""},
	} {
		if !says.Scan() || says.Text() != step.want {
			t.Fatalf("the browser says %q, want %q", says.Text(), step.want)
		}
		appendTo(t, log, step.line)
	}
}
