using System.Text;
using ActionTrail.Access;
using ActionTrail.Layout;
using ActionTrail.Storage;
using ActionTrail.Storage.Decorators;

namespace ActionTrail.Tests.Access;

public class AccessKeyTests
{
    private readonly AccessBench bench = new();

    [Fact]
    public async Task A_new_key_has_an_id_and_a_secret_of_the_documented_form()
    {
        var issued = await bench.IssueAsync("demo", Role.Auditor);

        Assert.Matches("^AT[A-Z2-7]{18}$", issued.Key.AccessKeyId);
        Assert.Matches("^[A-Za-z0-9]{40}$", issued.Secret);
        Assert.Equal(("demo", Role.Auditor, AccessKeyState.Active), (issued.Key.AccountId, issued.Key.Role, issued.Key.State));
        Assert.True(CredentialText.IsAccessKeyId(issued.Key.AccessKeyId));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AT")]
    [InlineData("operator")]
    [InlineData("ATABCDEFGHIJKLMNOPQ1")]
    [InlineData("atABCDEFGHIJKLMNOPQR")]
    [InlineData("ATABCDEFGHIJKLMNOPQRS")]
    public void What_is_not_of_that_form_is_no_key_id(string text) => Assert.False(CredentialText.IsAccessKeyId(text));

    [Fact]
    public void Every_character_of_the_alphabets_is_about_equally_likely()
    {
        var random = new SeededRandom(7);
        var counts = Enumerable.Range(0, 5000).SelectMany(_ => CredentialText.NewSecret(random)).GroupBy(static c => c).ToDictionary(static g => g.Key, static g => g.Count());

        Assert.Equal(62, counts.Count);
        Assert.All(counts.Values, static count => Assert.InRange(count, 2900, 3600));
    }

    [Fact]
    public async Task The_secret_is_not_readable_in_any_stored_property()
    {
        var issued = await bench.IssueAsync("demo");

        await foreach (var row in bench.Memory.ScanAsync(Tables.AccessKeys, default))
        {
            foreach (var value in row.Properties.Values)
            {
                var text = value is byte[] bytes ? Encoding.Latin1.GetString(bytes) : value.ToString()!;
                Assert.DoesNotContain(issued.Secret, text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_sealed_secret_opens_only_for_its_own_key_and_account_and_encryption_key()
    {
        using var seal = new SecretSeal(AccessBench.EncryptionKey, new SeededRandom(1));
        using var other = new SecretSeal([.. AccessBench.EncryptionKey.Reverse()], new SeededRandom(1));
        var box = seal.Seal("demo", "AT1", "secret");

        Assert.Equal("secret", seal.Open("demo", "AT1", box));
        AssertCorrupt(() => seal.Open("demo", "AT2", box));
        AssertCorrupt(() => seal.Open("else", "AT1", box));
        AssertCorrupt(() => other.Open("demo", "AT1", box));
        AssertCorrupt(() => seal.Open("demo", "AT1", box[..^1]));
        AssertCorrupt(() => seal.Open("demo", "AT1", []));
        for (var i = 0; i < box.Length; i++)
        {
            var altered = box.ToArray();
            altered[i] ^= 1;
            AssertCorrupt(() => seal.Open("demo", "AT1", altered));
        }
    }

    [Fact]
    public async Task An_account_has_at_most_ten_keys_and_a_deleted_one_makes_room()
    {
        var first = await bench.IssueAsync("demo");
        for (var i = 1; i < AccessKeyStore.MaxPerAccount; i++)
            Assert.NotNull(await bench.Keys.CreateAsync("demo", Role.Auditor, default));

        Assert.Null(await bench.Keys.CreateAsync("demo", Role.Auditor, default));
        Assert.NotNull(await bench.IssueAsync("other"));
        Assert.True(await bench.Keys.DeleteAsync("demo", first.Key.AccessKeyId, ifMatch: null, default));
        Assert.NotNull(await bench.Keys.CreateAsync("demo", Role.Auditor, default));
        Assert.Equal(10, (await bench.Keys.ListAsync("demo", default)).Count);
    }

    [Fact]
    public async Task Twenty_racing_creations_make_ten_keys()
    {
        await bench.Accounts.CreateAsync("demo", "Demo", AccountSource.Operator, default);

        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => bench.Keys.CreateAsync("demo", Role.Auditor, default))));

        Assert.Equal(10, made.Count(static key => key is not null));
        Assert.Equal(10, (await bench.Keys.ListAsync("demo", default)).Count);
    }

    [Fact]
    public async Task A_creation_that_died_halfway_leaves_no_key_and_its_slot_is_taken_over_later()
    {
        await bench.Accounts.CreateAsync("demo", "Demo", AccountSource.Operator, default);
        for (var i = 0; i < AccessKeyStore.MaxPerAccount; i++)
        {
            await Assert.ThrowsAsync<StoreException>(() => CreateUntilTheRowAsync(i));
            bench.Faults.Reset();
        }

        Assert.Empty(await bench.Keys.ListAsync("demo", default));
        Assert.Null(await bench.Keys.CreateAsync("demo", Role.Auditor, default));
        bench.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.NotNull(await bench.Keys.CreateAsync("demo", Role.Auditor, default));
        Assert.Single(await bench.Keys.ListAsync("demo", default));
    }

    [Fact]
    public async Task One_account_cannot_list_switch_or_delete_the_keys_of_another()
    {
        var issued = await bench.IssueAsync("demo");
        await bench.IssueAsync("other");

        Assert.Null(await bench.Keys.SetStateAsync("other", issued.Key.AccessKeyId, AccessKeyState.Inactive, ifMatch: null, default));
        Assert.False(await bench.Keys.DeleteAsync("other", issued.Key.AccessKeyId, ifMatch: null, default));
        Assert.DoesNotContain(await bench.Keys.ListAsync("other", default), key => key.AccessKeyId == issued.Key.AccessKeyId);
        Assert.Equal(AccessKeyState.Active, Assert.Single(await bench.Keys.ListAsync("demo", default)).State);
    }

    private static void AssertCorrupt(Action act) => Assert.Equal(StoreErrorKind.Corrupt, Assert.Throws<StoreException>(act).Kind);

    private async Task CreateUntilTheRowAsync(int slotsTaken)
    {
        // Requests: (insert + find) per taken slot, then insert of the free slot, then insert of the key, which is to fail.
        bench.Faults.FailAt((slotsTaken * 2) + 1, FaultMode.BeforeRequest);
        await bench.Keys.CreateAsync("demo", Role.Auditor, default);
    }
}
