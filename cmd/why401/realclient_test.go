//go:build realserver

package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What real clients print of a refused request is read: the token that was sent is
// found expired by the answer's Date, wherever the client shows what it sent.
func TestRealClients(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="shop", error="invalid_token"`)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":"invalid_token","path":"` + r.URL.Path + `"}`))
	}))
	defer server.Close()
	url := server.URL + "/orders"
	tool := filepath.Join(t.TempDir(), "why401")
	build(t, ".", tool)
	header := "Authorization: Bearer " + synthetic["JWT"]
	for _, c := range []struct {
		command []string
		sees    bool // the request's headers
	}{
		{[]string{"curl", "-v", "-H", header, url}, true},
		{[]string{"curl", "-sS", "-v", "--trace-time", "-H", header, url}, true},
		{[]string{"curl", "-s", "-i", "-H", header, url}, false},
		{[]string{"curl", "-s", "--trace-ascii", "-", "-H", header, url}, true},
		{[]string{"curl", "-s", "--trace", "-", "-H", header, url}, true},
		{[]string{"curl", "-v", "-d", "a=b", "-H", header, url}, true},
		{[]string{"wget", "-S", "-O", "-", "--header", header, url}, false},
		{[]string{"wget", "-d", "-O", "-", "--header", header, url}, true},
		{[]string{"http", "--ignore-stdin", "-v", url, "Authorization:Bearer " + synthetic["JWT"]}, true},
	} {
		captured, _ := exec.Command(c.command[0], c.command[1:]...).CombinedOutput() // some fail where the server refuses
		name := strings.Join(c.command[:3], " ")
		if len(captured) == 0 {
			t.Errorf("%s printed nothing: is it installed?", name)
			continue
		}
		cmd := exec.Command(tool, "explain", "--format", "jsonl", "-")
		cmd.Stdin = bytes.NewReader(captured)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		search(t, name, out)
		var x struct {
			Cause string
			Event struct {
				Time time.Time `json:"@timestamp"`
				URL  struct{ Path string }
				HTTP struct {
					Response struct {
						Status int `json:"status_code"`
					}
				}
			}
			Seen []string
		}
		if err := json.Unmarshal(out, &x); err != nil {
			t.Errorf("%s: %v, want one explanation\n%s\nof\n%s", name, err, out, captured)
			continue
		}
		want := "expired_token"
		if !c.sees {
			want = "invalid_token"
		}
		if x.Cause != want || x.Event.HTTP.Response.Status != 401 || x.Event.Time.IsZero() || x.Event.URL.Path != "/orders" && name != "curl -s -i" {
			t.Errorf("%s: want %s\n%s\nof\n%s", name, want, out, captured)
		}
	}
}
