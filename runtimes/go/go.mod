module alyx.dev/functions

go 1.21
