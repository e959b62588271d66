namespace ActionTrail.Tests;

public class Placeholder
{
    [Fact]
    public void Builds() => Assert.NotNull(typeof(Placeholder));
}
