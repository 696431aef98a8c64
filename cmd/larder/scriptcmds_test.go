package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdExits runs a command that must end with one code: exits CODE COMMAND ARG...
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	want := number(ts, neg || len(args) < 2, args, "exits CODE COMMAND ARG...")
	checkCode(ts, ts.Exec(args[1], args[2:]...), want)
}

func checkCode(ts *testscript.TestScript, err error, want int) {
	code := 0
	if err != nil {
		ended, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = ended.ExitCode()
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// number is the number that args begin with.
func number(ts *testscript.TestScript, wrong bool, args []string, usage string) int {
	if wrong {
		ts.Fatalf("usage: %s", usage)
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	return n
}

// cmdInterrupt runs a command, sends it SIGINT once its request for /wait has reached the origin, and checks the code it
// ends with: interrupt CODE COMMAND ARG...
func cmdInterrupt(ts *testscript.TestScript, neg bool, args []string) {
	want := number(ts, neg || len(args) < 2, args, "interrupt CODE COMMAND ARG...")
	o := originOf(ts)
	ended := make(chan struct{})
	running := make(chan *os.Process, 1)
	go func() {
		select {
		case <-o.waiting:
			(<-running).Signal(os.Interrupt)
		case <-ended:
		}
	}()
	name, err := exec.LookPath(args[1])
	ts.Check(err)
	cmd := exec.Command(name, args[2:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = os.Environ()
	for _, name := range []string{"HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	ts.Check(cmd.Start())
	running <- cmd.Process
	err = cmd.Wait()
	close(ended)
	checkCode(ts, err, want)
}

// cmdMode checks the mode of a file: mode FILE 0600
func cmdMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode FILE 0600")
	}
	ts.Check(checkMode(ts.MkAbs(args[0]), args[1]))
}

// cmdModes checks the modes of all files in a folder, of which there must be some: modes DIR 0600
func cmdModes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: modes DIR 0600")
	}
	files(ts, args[0], func(name string) error { return checkMode(name, args[1]) })
}

func checkMode(name, want string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if got := fmt.Sprintf("%#o", info.Mode().Perm()); got != want {
		return fmt.Errorf("%s: mode %s, want %s", name, got, want)
	}
	return nil
}

// cmdNogrep looks for a text in the bytes of every file of a folder, a database and its journals included, and in their
// names. With ! one of them must hold it, which shows that the search would find it: [!] nogrep DIR TEXT
func cmdNogrep(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || args[1] == "" {
		ts.Fatalf("usage: nogrep DIR TEXT")
	}
	var found []string
	files(ts, args[0], func(name string) error {
		data, err := os.ReadFile(name)
		if bytes.Contains(data, []byte(args[1])) || strings.Contains(name, args[1]) {
			found = append(found, name)
		}
		return err
	})
	if !neg && found != nil {
		ts.Fatalf("%q stands in %v", args[1], found)
	}
	if neg && found == nil {
		ts.Fatalf("%q stands nowhere in %s", args[1], args[0])
	}
}

// files calls check for every file in a folder, and fails where there is none.
func files(ts *testscript.TestScript, dir string, check func(name string) error) {
	n := 0
	ts.Check(filepath.WalkDir(ts.MkAbs(dir), func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		n++
		return check(name)
	}))
	if n == 0 {
		ts.Fatalf("no files in %s", dir)
	}
}

// cmdSave puts the line that the last command wrote into a variable: save NAME
func cmdSave(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: save NAME")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}
