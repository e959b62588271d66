using ActionTrail.Access;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;

namespace ActionTrail.Tests.Access;

public class AccountTests
{
    private readonly AccessBench bench = new();

    [Fact]
    public async Task An_account_is_made_once()
    {
        Assert.NotNull(await bench.Accounts.CreateAsync("demo", "Demo", AccountSource.Operator, default));
        Assert.Null(await bench.Accounts.CreateAsync("demo", "Again", AccountSource.Operator, default));
        Assert.NotNull(await bench.Accounts.CreateAsync("Demo", "Ids compare case-sensitively", AccountSource.Operator, default));

        Assert.Equal("Demo", (await bench.Accounts.FindAsync("demo", default))!.DisplayName);
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("Operator")]
    public async Task Reserved_ids_are_nobodys(string id)
    {
        Assert.Null(await bench.Accounts.CreateAsync(id, "x", AccountSource.Operator, default));
        Assert.Null(await bench.Accounts.FindAsync(id, default));
    }

    [Fact]
    public async Task Accounts_list_in_ordinal_order_from_behind_any_of_them()
    {
        string[] ids = ["a", "a-", "a-b", "a.b", "a0", "aA", "a_", "ab", "b"];
        foreach (var id in ids)
            await bench.Accounts.CreateAsync(id, id, AccountSource.Operator, default);
        var all = await ListAsync(null);
        Assert.Equal(ids.Order(StringComparer.Ordinal), all);

        for (var i = 0; i < all.Count; i++)
            Assert.Equal(all.Skip(i + 1), await ListAsync(all[i]));
    }

    [Fact]
    public async Task An_update_keeps_what_it_does_not_name_and_survives_a_lost_race()
    {
        await bench.Accounts.CreateAsync("demo", "Demo", AccountSource.Operator, default);
        var rival = new AccountStore(bench.Memory, bench.Time);
        bench.Faults.RunAt(1, () => rival.UpdateAsync("demo", "Rival", state: null, ifMatch: null, default));

        var updated = await bench.Accounts.UpdateAsync("demo", displayName: null, AccountState.Disabled, ifMatch: null, default);

        Assert.Equal(("Rival", AccountState.Disabled), (updated!.DisplayName, updated.State));
        Assert.Null(await bench.Accounts.UpdateAsync("nobody", "x", state: null, ifMatch: null, default));
    }

    [Fact]
    public async Task Admission_knows_the_operator_and_what_exists_and_makes_the_rest_only_on_sight()
    {
        await bench.Accounts.CreateAsync("demo", "Demo", AccountSource.Operator, default);

        Assert.Equal(["demo", "operator"], (await bench.Admission.AdmitAsync(["demo", "operator", "new", "no/account", "OPERATOR", ""], createOnSight: false, default)).Order());
        Assert.Null(await bench.Accounts.FindAsync("new", default));
        Assert.Equal(["demo", "new", "operator"], (await bench.Admission.AdmitAsync(["demo", "operator", "new", "no/account", "OPERATOR", ""], createOnSight: true, default)).Order());
        Assert.Equal(AccountSource.OnSight, (await bench.Accounts.FindAsync("new", default))!.Source);
        Assert.Empty(await bench.Keys.ListAsync("new", default));
    }

    [Fact]
    public async Task Admission_asks_once_for_a_known_account_and_never_remembers_an_unknown_one()
    {
        await bench.Accounts.CreateAsync("demo", "Demo", AccountSource.Operator, default);
        bench.Faults.Reset();
        await bench.Admission.AdmitAsync(["demo"], createOnSight: false, default);
        await bench.Admission.AdmitAsync(["demo"], createOnSight: false, default);
        Assert.Equal(1, bench.Faults.Requests);

        Assert.Empty(await bench.Admission.AdmitAsync(["late"], createOnSight: false, default));
        await bench.Accounts.CreateAsync("late", "Late", AccountSource.Operator, default);
        Assert.Single(await bench.Admission.AdmitAsync(["late"], createOnSight: false, default));
    }

    [Fact]
    public async Task Two_instances_that_see_an_account_at_once_both_admit_it()
    {
        bench.Faults.RunAt(1, () => new AccountAdmission(new AccountStore(bench.Memory, bench.Time)).AdmitAsync(["fresh"], createOnSight: true, default));

        Assert.Single(await bench.Admission.AdmitAsync(["fresh"], createOnSight: true, default));
        Assert.True(bench.Faults.Fired);
    }

    [Fact]
    public async Task A_store_that_is_away_admits_nobody_and_says_so()
    {
        bench.Faults.FailAlways(FaultMode.BeforeRequest);
        await Assert.ThrowsAsync<StoreException>(() => bench.Admission.AdmitAsync(["demo"], createOnSight: true, default));
        bench.Faults.Reset();
        Assert.Single(await bench.Admission.AdmitAsync(["demo"], createOnSight: true, default));
    }

    [Fact]
    public async Task A_row_that_is_no_account_is_corrupt()
    {
        await bench.Memory.InsertAsync(Tables.Accounts, new TableRow("accounts", "bad").With("DisplayName", "x").With("CreatedAt", bench.Time.GetUtcNow()).With("Source", "Nobody").With("State", "7"), default);
        Assert.Equal(StoreErrorKind.Corrupt, (await Assert.ThrowsAsync<StoreException>(() => bench.Accounts.FindAsync("bad", default))).Kind);
    }

    private async Task<List<string>> ListAsync(string? after)
    {
        var ids = new List<string>();
        await foreach (var account in bench.Accounts.ListAsync(after, default))
            ids.Add(account.AccountId);
        return ids;
    }
}
