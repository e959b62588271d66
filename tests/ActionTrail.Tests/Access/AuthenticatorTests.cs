using System.Text;
using ActionTrail.Access;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;

namespace ActionTrail.Tests.Access;

public class AuthenticatorTests
{
    private readonly AccessBench bench = new();

    [Fact]
    public async Task The_operator_key_proves_the_operator()
    {
        var result = await bench.SignInAsync(AccessBench.Basic("operator", AccessBench.OperatorKey));

        Assert.Equal(Caller.Operator, result.Caller);
        Assert.Equal("operator", result.AuditAccountId);
    }

    [Fact]
    public async Task A_key_and_its_secret_prove_the_key()
    {
        var issued = await bench.IssueAsync("demo", Role.Publisher);

        var result = await bench.SignInAsync(AccessBench.Basic(issued.Key.AccessKeyId, issued.Secret));

        Assert.Equal(new Caller(Role.Publisher, "demo", issued.Key.AccessKeyId), result.Caller);
    }

    [Fact]
    public async Task A_wrong_secret_proves_nobody_and_is_the_affair_of_the_keys_account()
    {
        var issued = await bench.IssueAsync("demo");

        foreach (var wrong in new[] { "", "x", issued.Secret[..^1], issued.Secret + "x", issued.Secret.ToUpperInvariant(), AccessBench.OperatorKey })
        {
            var result = await bench.SignInAsync(AccessBench.Basic(issued.Key.AccessKeyId, wrong));
            Assert.Equal(new Authentication(Caller: null, "demo", issued.Key.AccessKeyId), result);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Basic")]
    [InlineData("Basic !!!")]
    [InlineData("Basic b3BlcmF0b3I=")]
    [InlineData("Basic //79OnA=")]
    [InlineData("Bearer abc")]
    [InlineData("Basic b3BlcmF0b3I6d3Jvbmc=")]
    [InlineData("Basic QVRBQUFBQUFBQUFBQUFBQUFBQUE6c2VjcmV0")]
    public async Task Anything_else_proves_nobody_and_is_the_operators_affair(string? header)
    {
        Assert.Equal(new Authentication(Caller: null, "operator", AccessKeyId: null), await bench.SignInAsync(header));
    }

    [Fact]
    public async Task A_header_of_a_megabyte_proves_nobody() =>
        Assert.Null((await bench.SignInAsync(AccessBench.Basic("operator", new string('x', 1 << 20)))).Caller);

    [Fact]
    public async Task An_inactive_key_and_a_key_of_a_disabled_account_stop_within_the_cache_time()
    {
        var key = await bench.IssueAsync("demo");
        var second = await bench.IssueAsync("other");
        Assert.NotNull(await CallerOfAsync(key));
        Assert.NotNull(await CallerOfAsync(second));

        await bench.Keys.SetStateAsync("demo", key.Key.AccessKeyId, AccessKeyState.Inactive, ifMatch: null, default);
        await bench.Accounts.UpdateAsync("other", displayName: null, AccountState.Disabled, ifMatch: null, default);
        bench.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Null(await CallerOfAsync(key));
        Assert.Null(await CallerOfAsync(second));
        await bench.Keys.SetStateAsync("demo", key.Key.AccessKeyId, AccessKeyState.Active, ifMatch: null, default);
        bench.Authenticator.Forget(key.Key.AccessKeyId);
        Assert.NotNull(await CallerOfAsync(key));
    }

    [Fact]
    public async Task A_deleted_key_stops_at_once_where_it_was_deleted()
    {
        var key = await bench.IssueAsync("demo");
        Assert.NotNull(await CallerOfAsync(key));

        await bench.Keys.DeleteAsync("demo", key.Key.AccessKeyId, ifMatch: null, default);
        bench.Authenticator.ForgetAccount("demo");

        Assert.Null(await CallerOfAsync(key));
    }

    [Fact]
    public async Task Within_the_cache_time_a_key_costs_no_request()
    {
        var key = await bench.IssueAsync("demo");
        await CallerOfAsync(key);
        bench.Faults.FailAlways(FaultMode.BeforeRequest);

        Assert.NotNull(await CallerOfAsync(key));
        bench.Time.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<StoreException>(() => CallerOfAsync(key));
    }

    [Fact]
    public void Credentials_do_not_show_their_password() =>
        Assert.DoesNotContain("hunter2", new BasicCredentials("user", "hunter2").ToString(), StringComparison.Ordinal);

    [Fact]
    public void A_password_may_hold_colons_and_any_unicode()
    {
        Assert.True(BasicCredentials.TryParse("basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("a:b:ü")), out var credentials));
        Assert.Equal(("a", "b:ü"), (credentials.UserName, credentials.Password));
    }

    private async Task<Caller?> CallerOfAsync(IssuedAccessKey key) =>
        (await bench.SignInAsync(AccessBench.Basic(key.Key.AccessKeyId, key.Secret))).Caller;
}
