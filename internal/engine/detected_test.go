package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A log that is cut where an attack was detected shows the same attack, and one that
// is cut a moment before doesn't, unless its end decided what was doubtful.
func TestDetectedAtIsWhereTheLogMayEnd(t *testing.T) {
	start := time.Date(2031, 5, 6, 10, 0, 0, 0, time.UTC)
	web := func(sec int, ip, agent string, status int) string {
		return fmt.Sprintf("%s - - [%s] \"POST /login HTTP/1.1\" %d 187 \"-\" \"%s\"", ip, start.Add(time.Duration(sec)*time.Second).Format("02/Jan/2006:15:04:05 -0700"), status, agent)
	}
	shell := func(sec int, ip, what, name string) string {
		return fmt.Sprintf("%s gate sshd[77]: %s password for %s from %s port 4022 ssh2", start.Add(time.Duration(sec)*time.Second).Format(time.RFC3339), what, name, ip)
	}
	for name, line := range map[string]func(sec int) string{
		"one address": func(sec int) string {
			if sec%3 == 0 && sec > 600 {
				return web(sec, "203.0.113.9", "tool", 401)
			}
			return web(sec, fmt.Sprint("198.51.100.", sec%200), "browser", 302)
		},
		"many addresses": func(sec int) string {
			if sec%5 == 0 && sec > 2400 {
				return web(sec, fmt.Sprintf("203.0.%d.%d", sec%250, sec/50%250), "tool", 401)
			}
			return web(sec, fmt.Sprint("198.51.100.", sec%200), "browser", 302)
		},
		"names": func(sec int) string {
			if sec%60 == 0 {
				return shell(sec, "203.0.113.9", "Failed", fmt.Sprint("name", sec))
			}
			return shell(sec, "198.51.100.7", "Accepted", "deploy")
		},
		"one name": func(sec int) string {
			if sec%10 == 0 && sec > 600 && sec < 680 {
				return shell(sec, "203.0.113.9", "Failed", "root")
			}
			return shell(sec, "198.51.100.7", "Accepted", "deploy")
		},
	} {
		t.Run(name, func(t *testing.T) {
			var all []string
			for sec := range 5400 {
				all = append(all, line(sec))
			}
			whole := spikesOf(t, all)
			if len(whole) != 1 {
				t.Fatalf("%d attacks, want 1: %v", len(whole), whole)
			}
			at := int(whole[0].DetectedAt.Sub(start) / time.Second)
			cut := spikesOf(t, all[:at+1])
			if len(cut) != 1 || cut[0].ID != whole[0].ID || !cut[0].DetectedAt.Equal(whole[0].DetectedAt) {
				t.Errorf("cut at %d s: %v, want %v", at, cut, whole)
			}
			for _, f := range spikesOf(t, all[:at]) {
				if end := start.Add(time.Duration(at-1) * time.Second); f.DetectedAt.Before(end) {
					t.Errorf("cut before %d s: %v was opened already", at, f)
				}
			}
		})
	}
}

type attackSeen struct {
	Type, ID   string
	DetectedAt time.Time `json:"detected_at"`
}

func spikesOf(t *testing.T, lines []string) (found []attackSeen) {
	name := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	logs, _ := Open([]string{name}, nil)
	got := &kept{}
	if _, err := Run(context.Background(), logs, Config{Mode: Report}, got); err != nil {
		t.Fatal(err)
	}
	for _, f := range got.findings {
		var one attackSeen
		if err := json.Unmarshal([]byte(f), &one); err != nil {
			t.Fatal(err)
		}
		if one.Type == "spike" {
			found = append(found, one)
		}
	}
	return found
}
