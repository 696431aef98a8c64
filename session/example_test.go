package session_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/larder-go/larder/auth"
	"github.com/larder-go/larder/session"
)

func Example() {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			http.SetCookie(w, &http.Cookie{Name: "name", Value: r.FormValue("name")})
			return
		}
		c, err := r.Cookie("name")
		if err != nil {
			http.Error(w, "who are you?", http.StatusForbidden)
			return
		}
		fmt.Fprintf(w, "You are %s", c.Value)
	}))
	defer site.Close()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "me.session")
	seal := session.Sealed([]byte("thirty-two random bytes, truly!!"))

	if err := logIn(site.URL, file, seal); err != nil {
		fmt.Println(err)
		return
	}
	s, err := session.OpenFile(file, seal, nil) // in another process, say
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := s.Get(context.Background(), "/whoami")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resp.Text())
	// Output: You are sharat <nil>
}

// logIn begins a session and saves it.
func logIn(site, file string, seal session.Seal) error {
	s, err := session.New(&session.Options{BaseURL: site, Auth: auth.Basic("user", "pass")})
	if err != nil {
		return err
	}
	resp, err := s.Post(context.Background(), "/login", session.Form("name", "sharat"))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := resp.Err(); err != nil {
		return err
	}
	return s.SaveFile(file, seal)
}

func ExampleState_Redacted() {
	s, err := session.New(&session.Options{
		BaseURL: "https://api.example.com", Auth: auth.Basic("me", "s3cret"), Headers: http.Header{"X-Api-Key": {"s3cret"}, "Accept": {"*/*"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	st := s.State()
	fmt.Println(s)
	fmt.Println(st.Redacted().Headers["X-Api-Key"], st.Redacted().Headers["Accept"][0].Reveal())
	// Output:
	// session at https://api.example.com (0 cookies, 1 credentials)
	// [[redacted]] */*
}
