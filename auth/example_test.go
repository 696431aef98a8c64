package auth_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/larder-go/larder/auth"
)

func ExampleFor() {
	cred := auth.For("https://api.example.com/v1/", auth.Bearer("s3cret"))
	for _, target := range []string{"https://api.example.com/users", "https://example.com/", "http://api.example.com/users"} {
		req := httptest.NewRequest(http.MethodGet, target, nil)
		fmt.Println(cred.Matches(req.URL), target)
	}
	fmt.Println(cred.Token)
	// Output:
	// true https://api.example.com/users
	// false https://example.com/
	// false http://api.example.com/users
	// [redacted]
}

func ExampleCredential_Check() {
	fmt.Println(auth.Basic("me:work", "s3cret").Check())
	// Output: auth: invalid credential: basic: the user must not hold ':', which ends it (RFC 7617 §2); the password may
}
