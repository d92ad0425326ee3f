//go:build realserver

package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestRealRefusals names what servers refuse by themselves, from their access logs
// and error logs together.
func TestRealRefusals(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "why401")
	build(t, ".", tool)
	right, wrong := "wonder"+"land", "looking"+"glass"
	for i := range accessServers {
		server := &accessServers[i]
		wrongPassword, unknown := "bad_credentials", "bad_credentials" // few servers tell one from the other
		switch server.name {
		case "apache":
			unknown = "unknown_user"
		case "caddy":
		case "haproxy": // nothing but the status: a guess
			wrongPassword, unknown = "missing_credentials", "missing_credentials"
		default:
			continue
		}
		t.Run(server.name, func(t *testing.T) {
			port, access, errors := server.launch(t)
			want := map[string]string{"/basic/none": "missing_credentials", "/basic/wrong": wrongPassword, "/basic/unknown": unknown}
			for _, r := range []*sentRequest{
				{target: "/basic/right", user: "alice", password: right, agent: "probe/1.0"},
				{target: "/basic/none", agent: "probe/2.0"},
				{target: "/basic/wrong", user: "alice", password: wrong, agent: "probe/3.0"},
				{target: "/basic/unknown", user: "mallory", password: right, agent: "probe/4.0"},
			} {
				r.send(t, port, "")
			}
			var out []byte
			eventually(t, func() bool {
				s := &site{dir: filepath.Dir(access), tool: tool}
				out, _ = s.run(t, "report", "--format", "jsonl", access, errors)
				// The error log may be a moment behind the access log.
				return bytes.Count(out, []byte(`"type":"cause"`)) >= len(want) && bytes.Contains(out, []byte(`"cause":"`+unknown+`"`))
			})
			found := map[string]string{}
			for line := range bytes.Lines(out) {
				var f struct {
					Type, Cause, Path string
					Candidates        []string
				}
				if err := json.Unmarshal(line, &f); err != nil {
					t.Fatalf("not JSON: %s", line)
				}
				if f.Type == "cause" {
					found[f.Path] += " " + f.Cause + " or " + strings.Join(f.Candidates, " ")
				}
			}
			for path, cause := range want {
				if !strings.HasPrefix(found[path], " "+cause+" or") || strings.Count(found[path], " or ") != 1 {
					t.Errorf("%s: %s, want %s, once", path, found[path], cause)
				}
				delete(found, path)
			}
			if len(found) > 0 {
				t.Errorf("found besides: %v", found)
			}
			showWhy(t, string(out), access, errors)
		})
	}
}
