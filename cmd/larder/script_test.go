package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the test binary the command too: where a script says larder, it runs main in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"larder": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   filepath.Join("testdata", "script"),
		Setup: setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"cut":       cmdCut,
			"empty":     cmdEmpty,
			"exits":     cmdExits,
			"flip":      cmdFlip,
			"gunzip":    cmdGunzip,
			"interrupt": cmdInterrupt,
			"mode":      cmdMode,
			"modes":     cmdModes,
			"nginx":     cmdNginx,
			"nogrep":    cmdNogrep,
			"origin":    cmdOrigin,
			"save":      cmdSave,
			"subst":     cmdSubst,
		},
		RequireUniqueNames: true,
	})
}

// setup keeps every script in its own folder, whatever the environment of the test says.
func setup(env *testscript.Env) error {
	env.Setenv("HOME", env.WorkDir)
	for _, name := range []string{"state", "config", "cache"} {
		env.Setenv("XDG_"+strings.ToUpper(name)+"_HOME", filepath.Join(env.WorkDir, name))
	}
	env.Setenv("LARDER_KEY_FILE", "")
	env.Setenv("NO_PROXY", "*")
	env.Setenv("GORACE", "atexit_sleep_ms=0") // else every process under -race waits a second before it ends
	env.Setenv("GOCOVERDIR", os.Getenv("GOCOVERDIR"))
	o := &origin{}
	env.Values[originKey{}] = o
	env.Defer(o.stop)
	env.Values[nginxKey{}] = &nginx{}
	return nil
}
