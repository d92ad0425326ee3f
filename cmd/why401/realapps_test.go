//go:build realserver

package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A realApp is an application with its language's usual library for JWTs.
type realApp struct {
	name   string
	styles []string // of logging: the first part of the path
	start  func(t *testing.T, dir string) *exec.Cmd
	// extra are refusals that only this one makes.
	extra map[string]string
}

var realApps = []realApp{
	{"python", []string{"message", "traceback"}, func(t *testing.T, dir string) *exec.Cmd {
		app, err := filepath.Abs("../../testdata/realserver/python/app.py")
		if err != nil {
			t.Fatal(err)
		}
		return exec.Command("/usr/bin/python3", app) // Debian's, which has its packages
	}, map[string]string{"no-audience": "malformed_token", "from-the-future": "clock_skew"}},
	{"node", []string{"text", "json"}, func(t *testing.T, dir string) *exec.Cmd {
		for _, name := range []string{"app.js", "package.json", "package-lock.json"} {
			text, err := os.ReadFile(filepath.Join("../../testdata/realserver/node", name))
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, name), string(text))
		}
		npm := exec.Command("npm", "ci", "--no-audit", "--no-fund")
		npm.Dir = dir
		if out, err := npm.CombinedOutput(); err != nil {
			t.Fatalf("cannot install node's packages: %v\n%s", err, out)
		}
		return exec.Command("node", filepath.Join(dir, "app.js"))
	}, map[string]string{"unsigned": "malformed_token"}},
}

// Every refusal that an application can make is named, once, from what its
// library says in each way of logging it.
func TestRealApps(t *testing.T) {
	tool := filepath.Join(t.TempDir(), "why401")
	build(t, ".", tool)
	for _, app := range realApps {
		t.Run(app.name, func(t *testing.T) {
			s := &site{dir: t.TempDir(), tool: tool}
			cmd := app.start(t, s.dir)
			out, err := exec.Command(cmd.Path, append(cmd.Args[1:], "tokens")...).Output()
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(out, &s.tokens); err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(s.dir, "app.log")
			log, err := os.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			port := freePort(t)
			cmd = exec.Command(cmd.Path, append(cmd.Args[1:], port)...)
			cmd.Stderr = log
			serve(t, cmd, log, port)
			s.edge = "http://127.0.0.1:" + port

			want := map[string]string{
				"expired": "expired_token", "signature": "invalid_signature", "audience": "wrong_audience", "issuer": "wrong_issuer",
				"not-yet": "clock_skew", "algorithm": "algorithm_not_allowed", "unknown-key": "unknown_key", "unreachable": "idp_unreachable",
				"cut-off": "malformed_token", "malformed": "malformed_token", "missing": "missing_credentials", "scheme": "wrong_scheme",
				"revoked": "revoked_token", "scope": "insufficient_permission",
			}
			for k, v := range app.extra {
				want[k] = v
			}
			for _, style := range app.styles {
				s.get(t, http.StatusOK, "/"+style+"/good", "Bearer "+s.tokens["good"])
				for name := range want {
					authorization, status := "Bearer "+s.tokens[name], http.StatusUnauthorized
					switch name {
					case "missing":
						authorization = ""
					case "scheme":
						authorization = basic("alice", "wonder"+"land")
					case "scope":
						status = http.StatusForbidden
					}
					s.get(t, status, "/"+style+"/"+name, authorization)
				}
			}
			report, _ := s.run(t, "report", "--format", "jsonl", "app.log")
			found := map[string][]string{}
			for line := range bytes.Lines(report) {
				var f struct{ Type, Cause, Path string }
				if err := json.Unmarshal(line, &f); err != nil {
					t.Fatalf("not JSON: %s", line)
				}
				if f.Type == "cause" {
					found[f.Path] = append(found[f.Path], f.Cause)
				}
			}
			for _, style := range app.styles {
				for name, cause := range want {
					path := "/" + style + "/" + name
					if got := found[path]; len(got) != 1 || !strings.Contains(cause, got[0]) {
						t.Errorf("%s: %v, want %s, once", path, got, cause)
					}
					delete(found, path)
				}
			}
			if len(found) > 0 {
				t.Errorf("found besides: %v", found)
			}
			if t.Failed() {
				text, _ := os.ReadFile(name)
				t.Logf("log:\n%s\nreport:\n%s", text, report)
			}
		})
	}
}
