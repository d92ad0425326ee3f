//go:build realserver && unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"why401/internal/engine"
)

// rotations are ways in which real logrotate is told to rotate nginx's log.
var rotations = []struct {
	name, options string
	late          bool // nginx is told long after the renaming
	destroys      bool // lines can get lost on the disk
}{
	{"create", "create", true, false},
	{"delaycompress", "create\ncompress\ndelaycompress", true, false},
	{"compress", "create\ncompress", false, false},
	{"dateext", "create\ndateext\ndateformat -%Y%m%d-%s", true, false},
	{"dateext compress", "create\ndateext\ndateformat -%Y%m%d-%s\ncompress", false, false},
	{"copytruncate", "copytruncate", false, true},
	{"copytruncate compress", "copytruncate\ncompress\ndelaycompress", false, true},
}

// Every request that nginx answers while logrotate rotates its log comes once.
func TestRealLogrotate(t *testing.T) {
	for _, how := range rotations {
		t.Run(how.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o755); err != nil { // logrotate minds
				t.Fatal(err)
			}
			log := filepath.Join(dir, "access.log")
			port := freePort(t)
			nginx := rotatingNginx(t, dir, port)
			conf := fmt.Sprintf("%s {\n%s\nrotate 100\nmissingok\n", log, how.options)
			if !how.late && !how.destroys {
				conf += "postrotate\nkill -USR1 $(cat " + dir + "/nginx.pid)\nendscript\n"
			}
			write(t, filepath.Join(dir, "logrotate.conf"), conf+"}\n")
			follower := startLive(t, dir, "parse", "--follow", "--state", "state", "access.log")

			visits := visit(t, "http://127.0.0.1:"+port)
			for range 4 {
				visits.await(t, 200)
				if strings.Contains(how.options, "dateext") {
					nextSecond() // names hold it
				}
				out, err := exec.Command("logrotate", "--force", "--state", filepath.Join(dir, "rotated"), filepath.Join(dir, "logrotate.conf")).CombinedOutput()
				if err != nil {
					t.Fatalf("logrotate: %v\n%s", err, out)
				}
				if how.late {
					visits.await(t, 200) // to the renamed file
					if err := nginx.Process.Signal(syscall.SIGUSR1); err != nil {
						t.Fatal(err)
					}
				}
			}
			visits.await(t, 200)
			n := visits.stop()
			if err := nginx.Process.Signal(syscall.SIGQUIT); err != nil {
				t.Fatal(err)
			}
			waitGone(t, port)

			want := map[int]int{}
			if how.destroys {
				want = onDisk(t, log)
			} else {
				for i := range n {
					want[i] = 1
				}
			}
			got := map[int]int{}
			missing := maps.Clone(want)
			for len(missing) > 0 {
				line := follower.wait(follower.out, "/visit/")
				i := visitOf(line)
				got[i]++
				delete(missing, i)
			}
			for _, line := range follower.end(syscall.SIGTERM) {
				got[visitOf(line)]++
			}
			for i, times := range got {
				if times != 1 {
					t.Errorf("visit %d came %d times", i, times)
				}
			}
			if len(rotatedFiles(t, log)) < 4 {
				t.Errorf("logrotate made %q", rotatedFiles(t, log))
			}
			t.Logf("%d visits, %d written and not destroyed, %d came", n, len(want), len(got))
		})
	}
}

func rotatingNginx(t *testing.T, dir, port string) *exec.Cmd {
	t.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		t.Fatal("this test needs nginx: install Debian's package nginx-light")
	}
	if _, err := exec.LookPath("logrotate"); err != nil {
		t.Fatal("this test needs logrotate: install Debian's package logrotate")
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;\n"
	}
	write(t, filepath.Join(dir, "nginx.conf"), user+strings.NewReplacer("{{dir}}", dir, "{{port}}", port).Replace(`daemon off;
worker_processes 2;
pid {{dir}}/nginx.pid;
error_log {{dir}}/error.log;
events {}
http {
	access_log {{dir}}/access.log combined;
	client_body_temp_path {{dir}}/body;
	proxy_temp_path {{dir}}/proxy;
	fastcgi_temp_path {{dir}}/fastcgi;
	uwsgi_temp_path {{dir}}/uwsgi;
	scgi_temp_path {{dir}}/scgi;
	server {
		listen 127.0.0.1:{{port}};
		location / { return 401; }
	}
}
`))
	cmd := exec.Command(nginx, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"))
	serve(t, cmd, os.Stderr, port)
	return cmd
}

// visits are requests, one after another from each of a few clients, numbered.
type visits struct {
	http       *http.Transport
	sent, done atomic.Int64
	ending     atomic.Bool
	clients    sync.WaitGroup
}

func visit(t *testing.T, base string) *visits {
	v := &visits{http: &http.Transport{}}
	for range 3 {
		v.clients.Go(func() {
			for !v.ending.Load() {
				resp, err := (&http.Client{Transport: v.http}).Get(base + "/visit/" + strconv.Itoa(int(v.sent.Add(1)-1)))
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				v.done.Add(1)
			}
		})
	}
	t.Cleanup(func() { v.stop() })
	return v
}

// await waits for n more visits.
func (v *visits) await(t *testing.T, n int64) {
	t.Helper()
	beat := time.NewTicker(time.Millisecond)
	defer beat.Stop()
	for end := v.done.Load() + n; v.done.Load() < end; <-beat.C {
		if t.Failed() {
			t.FailNow()
		}
	}
}

// stop ends the visits and returns how many there were.
func (v *visits) stop() int {
	v.ending.Store(true)
	v.clients.Wait()
	v.http.CloseIdleConnections() // nginx would wait for them
	return int(v.sent.Load())
}

var visited = regexp.MustCompile(`/visit/(\d+)`)

func visitOf(line string) int {
	n, err := strconv.Atoi(visited.FindStringSubmatch(line)[1])
	if err != nil {
		panic(err)
	}
	return n
}

func rotatedFiles(t *testing.T, log string) []string {
	t.Helper()
	files, err := filepath.Glob(log + "?*")
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// onDisk returns the visits that stand in a log and its rotated files.
func onDisk(t *testing.T, log string) map[int]int {
	t.Helper()
	found := map[int]int{}
	for _, name := range slices.Concat([]string{log}, rotatedFiles(t, log)) {
		in, err := (&engine.Log{Name: name}).Open()
		if err != nil {
			continue
		}
		text, err := io.ReadAll(in)
		in.Close()
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			found[visitOf(string(line))]++
		}
	}
	return found
}

// nextSecond waits until the wall's second is another one, for coarse clocks too.
func nextSecond() {
	now := time.Now()
	<-time.After(now.Truncate(time.Second).Add(time.Second + 50*time.Millisecond).Sub(now))
}

// waitGone waits until nobody listens on port.
func waitGone(t *testing.T, port string) {
	t.Helper()
	beat := time.NewTicker(time.Millisecond)
	defer beat.Stop()
	for {
		c, err := net.DialTimeout("tcp", "127.0.0.1:"+port, time.Second)
		if err != nil {
			return
		}
		c.Close()
		<-beat.C
	}
}
