//go:build realserver

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The live view is started in tmux, resized, filled, paused and left.
func TestLiveViewInTmux(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "app.log")
	appendTo(t, log, "")
	why401, err := exec.LookPath("why401")
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "tmux")
	tmux := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("tmux", append([]string{"-S", socket, "-f", os.DevNull}, args...)...)
		cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "XDG_CONFIG_HOME="+dir)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("tmux %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	tmux("new-session", "-d", "-s", "v", "-x", "100", "-y", "30", "sh")
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", socket, "kill-server").Run() })
	until := func(want ...string) string {
		t.Helper()
		end := time.Now().Add(20 * time.Second)
	next:
		for {
			screen := tmux("capture-pane", "-p", "-t", "v")
			for _, w := range want {
				if strings.Contains(screen, strings.TrimPrefix(w, "!")) == strings.HasPrefix(w, "!") {
					if time.Now().After(end) {
						t.Fatalf("waited in vain for %q:\n%s", want, screen)
					}
					continue next
				}
			}
			return screen
		}
	}
	tmux("send-keys", "-t", "v", "clear; echo be'fore'; "+why401+" tail "+log+"; echo 'status '$?", "Enter")
	until("1 source", "nothing found yet", "!before")
	appendTo(t, log, request("/orders", 401)+"login with password="+synthetic["PASS"]+"\n")
	screen := until("/orders 401", "1 leak", "(", "app.log:2", "why401  1 source")
	if strings.Contains(screen, synthetic["PASS"]) {
		t.Errorf("shows the credential:\n%s", screen)
	}
	tmux("resize-window", "-t", "v", "-x", "60", "-y", "12")
	for i, line := range strings.Split(strings.TrimRight(until("entries"), "\n"), "\n") {
		if i >= 12 || len([]rune(line)) > 60 {
			t.Errorf("line %d runs over: %q", i, line)
		}
	}
	tmux("resize-window", "-t", "v", "-x", "20", "-y", "6")
	until("entries", "!WHY")
	tmux("resize-window", "-t", "v", "-x", "100", "-y", "30")
	tmux("send-keys", "-t", "v", "p")
	until("PAUSED")
	appendTo(t, log, request("/later", 401))
	tmux("send-keys", "-t", "v", "p")
	until("!PAUSED", "/later 401")
	tmux("send-keys", "-t", "v", "q")
	until("before", "3 entries read: 2 refused, 0 spikes, 1 leak", "status 0", "!LATEST")
	tmux("send-keys", "-t", "v", "stty -a | grep -c ' echo '", "Enter") // the terminal is as it was
	until("\n1\n")

	tmux("send-keys", "-t", "v", "clear; "+why401+" tail "+log+"; echo 'status '$?", "Enter")
	until("nothing found yet")
	tmux("send-keys", "-t", "v", "C-c")
	until("status 0", "!LATEST")
	tmux("send-keys", "-t", "v", "clear; "+why401+" tail --plain --from-start "+log, "Enter")
	until("GET /later 401", "!LATEST")
}
