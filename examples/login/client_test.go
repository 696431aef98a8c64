package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"

	"github.com/larder-go/larder/examples/login/server"
)

// TestMain is also the second process: there the program itself runs.
func TestMain(m *testing.M) {
	if os.Getenv("LOGIN_SECOND_PROCESS") != "" {
		os.Args = os.Args[:1]
		main()
		return
	}
	os.Exit(m.Run())
}

func TestLoginOutlivesTheProcess(t *testing.T) {
	srv := httptest.NewServer(server.Handler())
	defer srv.Close()
	site = srv.URL
	t.Chdir(t.TempDir())
	s, err := LoggedInSession(t.Context(), "sharat")
	if err != nil {
		t.Fatal(err)
	}
	here, err := Whoami(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"sharat"}); err != nil { // saves
		t.Fatal(err)
	}
	second := exec.Command(os.Args[0])
	second.Env = append(os.Environ(), "LOGIN_SECOND_PROCESS=1")
	there, err := second.Output() // opens, and asks
	if err != nil || string(there) != here+"\n" || here != "You are sharat" {
		t.Fatalf("here %q, in the second process %q (%v)", here, there, err)
	}
	fmt.Println("Success")
}
