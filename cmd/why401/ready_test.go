package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// readYAML reads a file of the repository.
func readYAML(t *testing.T, name string, to any) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", name))
	if err == nil {
		err = yaml.Unmarshal(text, to)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(text)
}

// leakyLog writes a log that holds a credential, and returns its folder.
func leakyLog(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "test run.log"), []byte("ready\nAuthorization: Bearer "+synthetic["JWT"]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// shell runs a script in dir with this test's binary as why401, and returns what
// it said and its exit status.
func shell(t *testing.T, dir, script string, env ...string) (string, int) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs bash")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "why401")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append([]string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + dir, "GOFLAGS=", "GOPATH=" + goEnv(t, "GOPATH"), "GOCACHE=" + goEnv(t, "GOCACHE")}, env...)...)
	out, _ := cmd.CombinedOutput()
	for name, secret := range synthetic {
		if strings.Contains(string(out), secret) {
			t.Errorf("the output holds %s", name)
		}
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func goEnv(t *testing.T, name string) string {
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestGitHubAction runs the shell of the composite action as a runner would.
func TestGitHubAction(t *testing.T) {
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct {
			Using string
			Steps []struct {
				Run string
				Env map[string]string
			}
		}
	}
	text := readYAML(t, ".github/actions/check/action.yml", &action)
	for _, m := range regexp.MustCompile(`inputs\.([a-z-]+)`).FindAllStringSubmatch(text, -1) {
		if _, ok := action.Inputs[m[1]]; !ok {
			t.Errorf("input %s is used and not declared", m[1])
		}
	}
	step := action.Runs.Steps[len(action.Runs.Steps)-1]
	dir := leakyLog(t)
	path, err := filepath.Abs("../../.github/actions/check")
	if err != nil {
		t.Fatal(err)
	}
	run := func(inputs map[string]string) (string, int) {
		env := []string{"GITHUB_ACTION_PATH=" + path, "RUNNER_TEMP=" + t.TempDir(), "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary.md")}
		for name, value := range step.Env {
			in := strings.TrimSuffix(strings.TrimPrefix(value, "${{ inputs."), " }}")
			v, ok := inputs[in]
			if !ok {
				v = action.Inputs[in].Default
			}
			env = append(env, name+"="+v)
		}
		return shell(t, dir, step.Run, env...)
	}
	out, status := run(map[string]string{"logs": "*.log\n\nmissing/../*.log\n", "sarif": "leaks.sarif"})
	if status != 1 || !strings.Contains(out, "::error title=why401 leak/jwt,file=test run.log,line=2") {
		t.Errorf("status %d: %s", status, out)
	}
	for _, name := range []string{"summary.md", "leaks.sarif"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || len(b) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if out, status := run(map[string]string{"logs": "test run.log", "fail-on": "never"}); status != 0 {
		t.Errorf("status %d: %s", status, out)
	}
	if out, status := run(map[string]string{"logs": "-x"}); status != 2 {
		t.Errorf("a log is taken for a flag, status %d: %s", status, out)
	}
}

// TestGitLabTemplate runs the script of the template's job.
func TestGitLabTemplate(t *testing.T) {
	var template map[string]struct {
		Script    []string
		Artifacts struct {
			Reports map[string]string
		}
	}
	readYAML(t, ".gitlab/why401.yml", &template)
	job := template[".why401"]
	dir := leakyLog(t)
	if out, status := shell(t, dir, strings.Join(job.Script, "\n"), "WHY401_LOGS=."); status != 1 {
		t.Errorf("status %d: %s", status, out)
	}
	if len(job.Artifacts.Reports) != 2 {
		t.Error(job.Artifacts)
	}
	for kind, name := range job.Artifacts.Reports {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if out, status := shell(t, dir, strings.Join(job.Script, "\n"), "WHY401_LOGS=.", "WHY401_FAIL_ON=critical"); status != 0 {
		t.Errorf("status %d: %s", status, out)
	}
}

// TestPreCommitHook runs the hook's entry with names as pre-commit adds them.
func TestPreCommitHook(t *testing.T) {
	var hooks []struct{ ID, Name, Entry, Language, Files string }
	readYAML(t, ".pre-commit-hooks.yaml", &hooks)
	for _, h := range hooks {
		if h.ID == "" || h.Name == "" || h.Language != "golang" || !regexp.MustCompile(h.Files).MatchString("test/expected.log") {
			t.Errorf("%+v", h)
		}
		if out, status := shell(t, leakyLog(t), h.Entry+` "test run.log"`); status != 1 {
			t.Errorf("status %d: %s", status, out)
		}
	}
}
